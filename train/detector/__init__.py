"""The learned detector of emergencies and crises: its messages, and how it is trained."""
