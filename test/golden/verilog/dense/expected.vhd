-- Gemm 'Gemm_0' and the operations that follow it
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity dense_Gemm_0 is
  port (
    clk : in std_logic;
    in_0 : in signed(5 downto 0);
    in_1 : in unsigned(3 downto 0);
    out_0 : out unsigned(3 downto 0)
  );
end entity dense_Gemm_0;

architecture rtl of dense_Gemm_0 is
  signal gemm_3 : signed(8 downto 0);
  signal gemm_5 : signed(9 downto 0);
  signal gemm_5_d1 : signed(9 downto 0);
  signal gemm_7 : signed(9 downto 0);
  signal relu_9 : unsigned(8 downto 0);
  signal quant_10 : unsigned(5 downto 0);
  signal quant_11 : unsigned(3 downto 0);
begin
  -- Gemm 'Gemm_0'
  gemm_3 <= signed'(resize(in_0, 7) & "00") - resize(in_0, 9);
  gemm_5 <= resize(gemm_3, 10) + signed'(signed(resize(in_1, 7)) & "000");
  gemm_7 <= gemm_5_d1 + signed'("0000000100");

  -- Relu 'Relu_1'
  relu_9 <= "000000000" when gemm_7(9) = '1' else unsigned(gemm_7(8 downto 0));

  -- Quant 'Quant_2'
  quant_10 <= relu_9(8 downto 3);
  quant_11 <= "1111" when (or quant_10(5 downto 4)) = '1' else quant_10(3 downto 0);
  out_0 <= quant_11;

  process (clk)
  begin
    if rising_edge(clk) then
      gemm_5_d1 <= gemm_5;
    end if;
  end process;
end architecture rtl;

-- golden case 'dense'
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity dense is
  port (
    clk : in std_logic;
    x : in std_logic_vector(9 downto 0); -- 2 elements
    y : out std_logic_vector(3 downto 0) -- 1 x ap_ufixed<4,2>
  );
end entity dense;

architecture rtl of dense is
  signal w_x_e0 : signed(5 downto 0);
  signal w_x_e1 : unsigned(3 downto 0);
  signal w_Gemm_0_out_0 : unsigned(3 downto 0);
  signal w_y_e0 : unsigned(3 downto 0);
begin
  w_x_e0 <= signed(x(5 downto 0));
  w_x_e1 <= unsigned(x(9 downto 6));

  -- Gemm 'Gemm_0'
  u_Gemm_0 : entity work.dense_Gemm_0
    port map (
      clk => clk,
      in_0 => w_x_e0,
      in_1 => w_x_e1,
      out_0 => w_Gemm_0_out_0
    );
  w_y_e0 <= w_Gemm_0_out_0;
  y <= std_logic_vector(w_y_e0);
end architecture rtl;
