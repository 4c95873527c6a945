"""<< cookiecutter.__resource_plural_label | capitalize >>: the API's operations, the rules, the storage."""
