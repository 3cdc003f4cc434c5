"""Training files: read, checked, mended, split and written as Bedrock's conversations."""
