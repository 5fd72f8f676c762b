/// Node.
