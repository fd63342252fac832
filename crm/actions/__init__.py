"""What a person does, one transaction each; no SQL and no printing."""
