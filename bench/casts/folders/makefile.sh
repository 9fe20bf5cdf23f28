cat >Makefile <<'END'
OBJECTS := $(shell seq -f o%g 1 20)
all: $(OBJECTS)
o%:
	@echo "  CC      $@"; sleep 0.02
END
