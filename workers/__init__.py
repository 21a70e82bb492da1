"""What runs builds and keeps them: database, Celery tasks and the preview host."""
