print("digitalis")
