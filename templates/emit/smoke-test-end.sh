
finish
