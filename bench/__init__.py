"""Compares a generated service with others that do the same: `make bench`."""
