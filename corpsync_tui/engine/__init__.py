"""From ESI to the stage: plans carried out, partition by partition."""
