"""`make client`: a client of another service, from its OpenAPI document."""
