// Says nothing of what is printed.
