"""What skdigits uses of other libraries that is private, and how it is found."""
