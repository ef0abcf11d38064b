"""What every game offers to those who play it: who moves what, replies, payoffs and regrets."""
