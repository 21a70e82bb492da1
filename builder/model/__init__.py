"""A chat model behind an OpenAI-compatible endpoint. Knows nothing of apps, tools or builds."""
