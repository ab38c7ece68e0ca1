"""What the components say and how they write it: words, icons, amounts, dates; templatetags/ui.py draws them."""
