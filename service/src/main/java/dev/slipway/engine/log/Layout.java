package dev.slipway.engine.log;

/** Where everything lies in the metadata store, as docs/format.md says. */
public final class Layout {
  /** The home of the root's own log. */
  public static final String CATALOG = "catalog";

  /** What holds the homes of databases. */
  public static final String DATABASES = "db/";

  private Layout() {}

  /** What a home may hold, each in a folder of its own. */
  public enum Folder {
    LOG("log"),
    VERDICTS("void"),
    CHECKPOINTS("checkpoints"),
    PAGES("pages"),
    DECIDED("decided"),
    INTENTS("intents"),
    STAGED("staged"),
    CANDIDATES("cleanup");

    private final String segment;

    Folder(String segment) {
      this.segment = segment;
    }

    /** What the keys of its objects begin with. */
    public String in(String home) {
      return home + "/" + segment + "/";
    }
  }

  /** Where an incarnation keeps its objects. */
  public static String home(String incarnation) {
    return DATABASES + incarnation;
  }

  /** The first object of a home, and the last to go. */
  public static String format(String home) {
    return home + "/format.json";
  }
}
