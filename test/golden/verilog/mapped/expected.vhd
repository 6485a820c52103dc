-- Map 'per element' and the operations that follow it
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity mapped_lookup_f is
  port (
    clk : in std_logic;
    in_0 : in signed(3 downto 0);
    in_1 : in signed(3 downto 0);
    out_0 : out signed(7 downto 0);
    out_1 : out std_logic
  );
end entity mapped_lookup_f;

architecture rtl of mapped_lookup_f is
  signal in_1_d1 : signed(3 downto 0);
  signal sigmoid_2_index : signed(1 downto 0);
  signal sigmoid_2 : signed(3 downto 0);
  type sigmoid_2_table_type is array (0 to 3) of signed(3 downto 0);
  constant sigmoid_2_table : sigmoid_2_table_type := (
    "0101", "0110", "1101", "0000"
  );
  signal sigmoid_3 : std_logic;
  signal sigmoid_4 : signed(3 downto 0);
  signal sigmoid_4_d1 : signed(3 downto 0);
  signal sigmoid_5 : signed(7 downto 0);
begin
  -- Sigmoid 'lookup "f"'
  sigmoid_2_index <= "10" when (in_0(3) and (nand unsigned(in_0(2 downto 1)))) = '1' else "01" when ((not in_0(3)) and (or unsigned(in_0(2 downto 1)))) = '1' else in_0(1 downto 0);
  sigmoid_2 <= sigmoid_2_table(to_integer(unsigned(sigmoid_2_index)));
  sigmoid_3 <= sigmoid_2 ?< in_1;
  sigmoid_4 <= in_1 when sigmoid_3 = '1' else sigmoid_2;
  sigmoid_5 <= sigmoid_4_d1 * in_1_d1;
  out_0 <= sigmoid_5;
  out_1 <= sigmoid_3;

  process (clk)
  begin
    if rising_edge(clk) then
      in_1_d1 <= in_1;
      sigmoid_4_d1 <= sigmoid_4;
    end if;
  end process;
end architecture rtl;

-- golden case 'mapped'
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity mapped is
  port (
    clk : in std_logic;
    rst : in std_logic;
    valid_in : in std_logic;
    valid_out : out std_logic;
    in_0 : in std_logic_vector(3 downto 0); -- ap_fixed<4,4>
    in_1 : in std_logic_vector(3 downto 0); -- ap_fixed<4,4>
    module_0 : in std_logic_vector(2 downto 0); -- ap_ufixed<3,3>
    out_0 : out std_logic_vector(7 downto 0); -- ap_fixed<8,8>
    out_1 : out std_logic_vector(7 downto 0); -- ap_fixed<8,8>
    Out_0_2 : out std_logic; -- ap_ufixed<1,1>
    Out_1_2 : out std_logic; -- ap_ufixed<1,1>
    Out_2 : out std_logic_vector(2 downto 0) -- ap_ufixed<3,3>
  );
end entity mapped;

architecture rtl of mapped is
  signal w_n_in_e0 : signed(3 downto 0);
  signal w_n_in_e1 : signed(3 downto 0);
  signal w_n_module_e0 : unsigned(2 downto 0);
  signal w_n_module_e0_d1 : unsigned(2 downto 0);
  signal w_n_module_e0_d2 : unsigned(2 downto 0);
  signal w_per_element_p0_out_0_d1 : signed(7 downto 0);
  signal w_per_element_p0_out_1_d1 : std_logic;
  signal w_per_element_p0_out_1_d2 : std_logic;
  signal w_per_element_p1_out_0_d1 : signed(7 downto 0);
  signal w_per_element_p1_out_1_d1 : std_logic;
  signal w_per_element_p1_out_1_d2 : std_logic;
  signal w_valid_d1 : std_logic;
  signal w_valid_d2 : std_logic;
  signal w_per_element_p0_out_0 : signed(7 downto 0);
  signal w_per_element_p0_out_1 : std_logic;
  signal u_per_element_p0_in_1 : signed(3 downto 0);
  signal w_per_element_p1_out_0 : signed(7 downto 0);
  signal w_per_element_p1_out_1 : std_logic;
  signal u_per_element_p1_in_1 : signed(3 downto 0);
begin
  w_n_in_e0 <= signed(in_0(3 downto 0));
  w_n_in_e1 <= signed(in_1(3 downto 0));
  w_n_module_e0 <= unsigned(module_0(2 downto 0));

  -- only the valid bits are reset: data registers hold no state of their own
  valid_out <= w_valid_d2;
  u_per_element_p0_in_1 <= signed(resize(w_n_module_e0, 4));

  -- Map 'per element'
  u_per_element_p0 : entity work.mapped_lookup_f
    port map (
      clk => clk,
      in_0 => w_n_in_e0,
      in_1 => u_per_element_p0_in_1,
      out_0 => w_per_element_p0_out_0,
      out_1 => w_per_element_p0_out_1
    );
  u_per_element_p1_in_1 <= signed(resize(w_n_module_e0, 4));

  -- Map 'per element'
  u_per_element_p1 : entity work.mapped_lookup_f
    port map (
      clk => clk,
      in_0 => w_n_in_e1,
      in_1 => u_per_element_p1_in_1,
      out_0 => w_per_element_p1_out_0,
      out_1 => w_per_element_p1_out_1
    );
  out_0 <= std_logic_vector(w_per_element_p0_out_0_d1);
  out_1 <= std_logic_vector(w_per_element_p1_out_0_d1);
  Out_0_2 <= w_per_element_p0_out_1_d2;
  Out_1_2 <= w_per_element_p1_out_1_d2;
  Out_2 <= std_logic_vector(w_n_module_e0_d2);

  process (clk)
  begin
    if rising_edge(clk) then
      w_n_module_e0_d1 <= w_n_module_e0;
      w_n_module_e0_d2 <= w_n_module_e0_d1;
      w_per_element_p0_out_0_d1 <= w_per_element_p0_out_0;
      w_per_element_p0_out_1_d1 <= w_per_element_p0_out_1;
      w_per_element_p0_out_1_d2 <= w_per_element_p0_out_1_d1;
      w_per_element_p1_out_0_d1 <= w_per_element_p1_out_0;
      w_per_element_p1_out_1_d1 <= w_per_element_p1_out_1;
      w_per_element_p1_out_1_d2 <= w_per_element_p1_out_1_d1;
      if rst = '1' then
        w_valid_d1 <= '0';
      else
        w_valid_d1 <= valid_in;
      end if;
      if rst = '1' then
        w_valid_d2 <= '0';
      else
        w_valid_d2 <= w_valid_d1;
      end if;
    end if;
  end process;
end architecture rtl;
