// What the library advises, in the words of a program's options: support/advice.hpp.
#include "support/advice.hpp"

#include "support/catch.hpp"

using examples::detail::option_words;

TEST_CASE("advice: fields that the program has as options are named as those") {
  CLI::App app;
  std::size_t size = 0;
  app.add_option("--batch-size", size);
  CHECK(option_words(app, "choose batch_size, or a batch_size") == "choose --batch-size, or a --batch-size");
  CHECK(option_words(app, "batch_size: at least 1") == "--batch-size: at least 1");
  CHECK(option_words(app, "other_size: at least 1") == "other_size: at least 1");
}

TEST_CASE("advice: parts of other names stay") {
  CLI::App app;
  std::size_t size = 0;
  app.add_option("--batch-size", size);
  for (const char* text : {"io::batch_size", "batch_size::all", "data/batch_size", "batch_size.csv:3: a row",
                           "'batch_size'", "my_batch_size"})
    CHECK(option_words(app, text) == text);
}

TEST_CASE("advice: a reader that the program does not have is not named") {
  CLI::App app;
  CHECK(examples::in_words_of(app,
                              "x: expected safetensors, but this is an ONNX file: read it with "
                              "io::load_onnx (the component seqlstm::onnx), or save the arrays") ==
        "x: expected safetensors, but this is an ONNX file: save the arrays");
}
