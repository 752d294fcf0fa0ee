#pragma once
// What a test tells the fake library, and what that has counted.

enum class FakeFault {
  none,
  no_context,
  old_version,
  no_algorithm,
  not_supported,
  failing_search,
  failing_product
};

struct FakeState {
  FakeFault fault = FakeFault::none;
  int searches = 0;  // for algorithms
  int products = 0;
};

extern "C" FakeState fake_cublaslt_state;
