"""A local-first networking CRM and accountability tracker."""

__version__ = "0.1.0"
