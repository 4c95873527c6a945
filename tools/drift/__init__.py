"""Finds out what the newest versions of the packages would break, before they are locked."""
