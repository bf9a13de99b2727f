"""What is a shared need, how does it go on, and who may do what to it? Pure: values in, values out."""
