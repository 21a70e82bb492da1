"""Nothing to migrate."""
