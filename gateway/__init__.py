"""The door of Rivulet: HTTP and SSE in and out, prompts to the broker, frames to their readers."""
