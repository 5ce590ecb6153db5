"""What tests of several services share: real servers, and small tools to wait on them."""
