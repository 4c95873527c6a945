"""`make resource` and `make field`: a resource, or a field of one, in the contract, the code and the tests."""
