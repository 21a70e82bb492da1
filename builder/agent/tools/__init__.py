"""The tools of the agent: schema and function side by side, in an order that never changes (the prompt's prefix)."""
