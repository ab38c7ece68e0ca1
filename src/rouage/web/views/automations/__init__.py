"""The pages of automations: the list, the editor, publishing, versions, the dry run."""
