mkdir t
for n in 1 2 3; do
    cat >t/test_$n.py <<'END'
import pytest, time
@pytest.mark.parametrize("n", range(20))
def test_it(n): time.sleep(0.005)
END
done
