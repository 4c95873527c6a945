"""Services that do what the generated one does, as their documentation says they are written."""
