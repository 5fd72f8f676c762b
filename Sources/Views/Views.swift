/// Views.
