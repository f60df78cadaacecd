"""What can be computed with Tensors: one family of operations a file, each operation's forward and backward together."""
