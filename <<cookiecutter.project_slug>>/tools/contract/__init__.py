"""`make contract`: the code follows the contract. It writes types, adds stubs, and names what does not fit."""
