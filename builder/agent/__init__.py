"""The agent loop: a model takes the running scaffold and makes it the app that was asked for, with evidence."""
