"""An example of a call to another service: what goes with one of ours."""
