module relay
