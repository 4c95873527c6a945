"""What needs a Docker engine: `make test-image` runs it, `make test` does not."""
