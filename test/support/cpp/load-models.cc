// load-models ROUNDS LIBRARY INPUTS OUTPUTS ... : loads the libraries together, in every order of
// loading, of destruction and of closing, and compares their results on events of words with what is expected.
#include <dlfcn.h>

#include <algorithm>
#include <any>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "hls4ml_emulator.h"

namespace {

using Row = std::vector<std::int64_t>;

struct Library {
  std::string path;
  std::vector<Row> inputs;
  std::vector<Row> outputs;
  void *handle = nullptr;
  hls4mlEmulator::Model *model = nullptr;
};

std::vector<Row> read_rows(const std::string &path) {
  std::vector<Row> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    for (char &letter : line) letter = letter == ',' ? ' ' : letter;
    std::istringstream words(line);
    Row row;
    for (std::int64_t word = 0; words >> word;) row.push_back(word);
    rows.push_back(row);
  }
  return rows;
}

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

void open(Library &library) {
  library.handle = dlopen(library.path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library.handle == nullptr) fail(dlerror());
  auto create = reinterpret_cast<hls4mlEmulator::Model *(*)()>(dlsym(library.handle, "create_model"));
  if (create == nullptr) fail("no create_model");
  library.model = create();
}

void destroy(Library &library) {
  auto destroy_model = reinterpret_cast<void (*)(hls4mlEmulator::Model *)>(dlsym(library.handle, "destroy_model"));
  if (destroy_model == nullptr) fail("no destroy_model");
  destroy_model(library.model);
}

void close(Library &library) {
  dlclose(library.handle);
  if (dlopen(library.path.c_str(), RTLD_LAZY | RTLD_NOLOAD) != nullptr) fail(library.path + " stays loaded");
}

}  // namespace

int main(int argument_count, char **arguments) {
  const int rounds = std::atoi(arguments[1]);
  std::vector<Library> libraries;
  for (int index = 2; index + 2 < argument_count; index += 3) {
    libraries.push_back({arguments[index], read_rows(arguments[index + 1]), read_rows(arguments[index + 2])});
  }
  if (libraries.size() != 2) fail("two libraries are expected");
  long compared = 0;
  for (int round = 0; round < rounds; round++) {
    for (int order = 0; order < 8; order++) {
      const auto pick = [&](int bit, int position) -> Library & { return libraries[((order >> bit) & 1) ^ position]; };
      for (int position : {0, 1}) open(pick(0, position));
      const std::size_t events = std::min(libraries[0].inputs.size(), libraries[1].inputs.size());
      for (std::size_t event = 0; event < events; event++) {
        for (Library &library : libraries) {
          library.model->prepare_input(std::any(static_cast<const std::int64_t *>(library.inputs[event].data())));
        }
        for (Library &library : libraries) library.model->predict();
        for (Library &library : libraries) {
          Row result(library.outputs[event].size());
          library.model->read_result(std::any(result.data()));
          if (result != library.outputs[event]) fail(library.path + ": event " + std::to_string(event) + " differs");
          compared++;
        }
      }
      for (int position : {0, 1}) destroy(pick(1, position));
      for (int position : {0, 1}) close(pick(2, position));
    }
  }
  std::printf("%ld\n", compared);
  return 0;
}
