"""The pages of appeals: the worker's on the phone, the staff's on the desk."""
