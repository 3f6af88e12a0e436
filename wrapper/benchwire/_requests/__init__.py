"""What a request needs beyond the generated code: SDK errors, compound requests."""
