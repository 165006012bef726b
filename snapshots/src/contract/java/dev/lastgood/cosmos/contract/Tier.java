package dev.lastgood.cosmos.contract;

/** What the tests may take for Cosmos DB, from what is always there to the service itself. */
public enum Tier {
    STAND_IN("tier 1, a stand-in in this JVM"),
    NPM("tier 2, @vercel/cosmosdb-server"),
    EMULATOR("tier 3, Microsoft's emulator"),
    ACCOUNT("tier 4, a real account");

    private final String told;

    Tier(String told) {
        this.told = told;
    }

    @Override
    public String toString() {
        return told;
    }
}
