// See include/CLinux.h.
#include "CLinux.h"
