"""`make contract-check`: no change of the contract breaks clients of the released one, unless that is accepted."""
