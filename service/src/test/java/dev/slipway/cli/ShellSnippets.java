package dev.slipway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shell commands that a page of the documentation tells to type. */
final class ShellSnippets {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\\n(.*?)^```$");
  private static final Pattern COMMAND =
      Pattern.compile("(?:'[^']*'|\"[^\"]*\"|\\\\\\n|[^'\"\\n\\\\])+");

  private ShellSnippets() {}

  /** Those that begin with a word, in order, as typed. */
  static List<String> of(Path page, String word) throws IOException {
    List<String> commands = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(page));
    while (block.find()) {
      Matcher command = COMMAND.matcher(block.group(1));
      while (command.find()) {
        if (command.group().startsWith(word + " ")) {
          commands.add(command.group());
        }
      }
    }
    return commands;
  }

  /** A command's words, as a shell would cut them. */
  static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    Matcher word =
        Pattern.compile("(?:'[^']*'|\"[^\"]*\"|[^'\"\\s])+").matcher(command.replace("\\\n", " "));
    while (word.find()) {
      words.add(word.group().replaceAll("(?s)^'(.*)'$|^\"(.*)\"$", "$1$2"));
    }
    return words;
  }
}
