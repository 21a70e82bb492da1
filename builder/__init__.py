"""The path from a prompt to a release. Knows nothing of users, queues, tables or HTTP."""
