// A program compiled for newer CPUs than it runs on: takes memory of the library's and says what came of it.
#include <iostream>
#include <seqlstm/core/aligned_buffer.hpp>

int main() {
  try {
    const seqlstm::AlignedBuffer<float> numbers(1000);
    std::cout << "ran: " << numbers[1] << '\n';
    return 0;
  } catch (const seqlstm::cpu_error& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
