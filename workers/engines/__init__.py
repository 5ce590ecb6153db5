"""What makes tokens: vLLM, or a script for load and fault tests, behind one port."""
