"""What runs inside the sandbox, beside the app under test. Imports nothing of Protodex: only this folder is there."""
