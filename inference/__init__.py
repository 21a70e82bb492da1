"""The model engine. Stands alone: it imports nothing of the other packages and is reached over HTTP only."""
