"""The commands of development."""
