"""The back end: an HTTP API over a database, and the built front end beside it."""
