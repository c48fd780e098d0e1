"""What needs attention: rules are evaluated when their tables changed, and alerts are kept."""
