"""What the template's maintainers run, and its tests use."""
