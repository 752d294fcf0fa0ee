"""The invented country of Halmark in tables: what exists and how it hangs together. Columns are split at "|"; a dash
is an absent fact. world.py adds numbers and cross-references, templates/ turn each row into an article."""

PROVINCES = """
Northreach|Skarrow|slate and wool|cold|the Candle Range
Estermoor|Larkham|barley and cattle|dry|the Harrow Hills
Lowmarch|Aldermere|ships and paper|mild|the Salt Flats
Sallowvale|Wexcombe|apples and cheese|warm|the Willow Downs
Westerhold|Ravensey|copper and herring|wet|the Iron Coast
"""

MOUNTAINS = """
Mount Harrow|the Harrow Hills|Estermoor|1412
Grey Sentinel|the Candle Range|Northreach|2318
Ketterfell|the Candle Range|Northreach|2076
Skarn Peak|the Candle Range|Northreach|2540
Thornback|the Harrow Hills|Estermoor|1187
The Anvil|the Iron Coast|Westerhold|964
Whitehorn|the Candle Range|Northreach|2203
Old Marrow|the Willow Downs|Sallowvale|712
"""

LAKES = """
Lake Ennor|Northreach|glacier|61|148
Lake Tolven|Northreach|glacier|38|97
Lake Mirren|Estermoor|landslide|12|31
Lake Quill|Lowmarch|old river bend|9|14
Lake Averil|Sallowvale|spring|17|42
Lake Sorrow|Westerhold|crater|6|203
"""

RIVERS = """
Ald|Lowmarch|Whitehorn|the Sorrel Sea|214
Merrow|Westerhold|The Anvil|the Sorrel Sea|58
Tane|Estermoor|Mount Harrow|the Ald|131
Corvel|Northreach|Skarn Peak|Lake Ennor|74
Brannow|Northreach|Grey Sentinel|the Sorrel Sea|162
Ludder|Estermoor|Thornback|the Tane|66
Sethe|Sallowvale|Old Marrow|the Sorrel Sea|93
Wenlow|Sallowvale|Old Marrow|the Sethe|41
Iskar|Northreach|Ketterfell|Lake Tolven|52
Yarrow|Westerhold|The Anvil|the Sorrel Sea|47
"""

TOWNS = """
Aldermere|Lowmarch|Ald|shipbuilding|1104
Brackwater|Lowmarch|Ald|salt|1187
Carrowby|Estermoor|Tane|wool|1231
Dunmallow|Estermoor|Ludder|barley|1310
Estrey|Northreach|Brannow|timber|1276
Fallowbridge|Estermoor|Tane|pottery|1259
Gorsedale|Northreach|Iskar|slate|1402
Harrowfold|Estermoor|Tane|cattle|1345
Larkham|Estermoor|Ludder|cloth|1168
Mossford|Sallowvale|Wenlow|cheese|1288
Oakhaven|Lowmarch|Ald|paper|1420
Pellwick|Sallowvale|Sethe|cider|1301
Ravensey|Westerhold|Merrow|herring|1122
Saltmouth|Lowmarch|Ald|salt|1213
Skarrow|Northreach|Brannow|wool|1145
Tanebridge|Estermoor|Tane|printing|1377
Ulverton|Northreach|Corvel|slate|1431
Vessary|Sallowvale|Sethe|glass|1326
Wexcombe|Sallowvale|Sethe|apples|1159
Yarrowmouth|Westerhold|Yarrow|herring|1264
Copperhill|Westerhold|Merrow|copper|1538
Thistlecombe|Sallowvale|Wenlow|clocks|1467
Stagholm|Northreach|Iskar|timber|1390
Millrace|Lowmarch|Ald|paper|1512
"""

ISLANDS = """
Great Skerrow|Westerhold|herring|312|84
Little Skerrow|Westerhold|seals|41|61
Fennay|Northreach|wool|128|173
Ossay|Sallowvale|cider|66|38
Torray|Lowmarch|salt|23|12
Lanterne|Lowmarch|ropes|17|29
"""

# Name, pronoun, trade, year of birth, age at death, place of birth, teacher or forerunner.
PEOPLE = """
Agnes Thorley|she|painter|1782|71|Wexcombe|-
Tobias Wren|he|painter|1811|64|Ravensey|Agnes Thorley
Clara Hollin|she|painter|1840|82|Vessary|Tobias Wren
Edmund Sallow|he|painter|1866|57|Pellwick|Clara Hollin
Josias Merrick|he|composer|1759|68|Aldermere|-
Helena Voss|she|composer|1793|77|Larkham|Josias Merrick
Anton Brackley|he|composer|1828|61|Brackwater|Helena Voss
Marian Leck|she|composer|1859|84|Carrowby|Anton Brackley
Hugh Cassander|he|engineer|1771|73|Copperhill|-
Ruth Amberley|she|engineer|1804|79|Tanebridge|Hugh Cassander
Silas Pender|he|engineer|1832|66|Estrey|Ruth Amberley
Nora Quayle|she|engineer|1861|80|Saltmouth|Silas Pender
Peter Lund|he|novelist|1788|59|Ravensey|-
Isabel Farrow|she|novelist|1819|76|Mossford|Peter Lund
Daniel Orme|he|novelist|1847|70|Fallowbridge|Isabel Farrow
Judith Kestle|she|novelist|1872|88|Stagholm|Daniel Orme
Martin Alder|he|botanist|1744|81|Oakhaven|-
Rosalind Tew|she|botanist|1790|69|Thistlecombe|Martin Alder
Gregory Fenn|he|botanist|1836|74|Gorsedale|Rosalind Tew
Simon Ravel|he|explorer|1702|54|Yarrowmouth|-
Martha Ennis|she|explorer|1767|72|Skarrow|Simon Ravel
Jonas Tarn|he|explorer|1825|63|Saltmouth|Martha Ennis
Oliver Dace|he|astronomer|1731|78|Dunmallow|-
Lydia Marsh|she|astronomer|1798|83|Millrace|Oliver Dace
Adam Thorne|he|admiral|1668|60|Ravensey|-
Barbara Keel|she|admiral|1721|75|Yarrowmouth|Adam Thorne
Walter Gray|he|admiral|1777|67|Saltmouth|Barbara Keel
"""

# Name, pronoun, year of birth, first and last year of the reign, by-name, house.
MONARCHS = """
Osric the Tall|he|1089|1112|1141|Alder
Matilda the Builder|she|1224|1249|1287|Alder
Edwin the Quiet|he|1371|1390|1425|Harrow
Rowena the Bold|she|1504|1529|1571|Harrow
Conrad the Last|he|1655|1683|1719|Vane
"""

SHIPS = """
Grey Heron|frigate|Aldermere|1698|Adam Thorne
Patient Star|brig|Saltmouth|1731|Simon Ravel
Morning Tide|frigate|Ravensey|1752|Barbara Keel
Queen Rowena|ship of the line|Aldermere|1764|Barbara Keel
Far Horizon|barque|Yarrowmouth|1795|Martha Ennis
Iron Duchess|ship of the line|Aldermere|1802|Walter Gray
Resolve|sloop|Ravensey|1808|Walter Gray
Amberley|paddle steamer|Saltmouth|1846|-
Northern Light|barque|Yarrowmouth|1853|Jonas Tarn
Saltmouth Castle|steamer|Saltmouth|1871|-
"""

BRIDGES = """
Cassander Bridge|Ald|Aldermere|iron arch|1809|Hugh Cassander
Tane Viaduct|Tane|Tanebridge|stone viaduct|1843|Ruth Amberley
Old Fallow Bridge|Tane|Fallowbridge|stone arch|1382|-
Merrow Bridge|Merrow|Ravensey|chain|1826|Hugh Cassander
Sethe Crossing|Sethe|Pellwick|lattice|1868|Silas Pender
Brannow High Bridge|Brannow|Estrey|steel cantilever|1896|Nora Quayle
Ludder Bridge|Ludder|Larkham|stone arch|1851|Ruth Amberley
"""

RAILWAYS = """
Ald Valley Railway|Aldermere|Oakhaven|1848|34|Ruth Amberley
Great Eastern Moor Railway|Tanebridge|Larkham|1853|57|Ruth Amberley
Candle Mountain Railway|Skarrow|Ulverton|1874|71|Silas Pender
Iron Coast Line|Ravensey|Copperhill|1861|26|Silas Pender
Willow Downs Railway|Wexcombe|Thistlecombe|1889|43|Nora Quayle
Saltmouth and Brackwater Railway|Saltmouth|Brackwater|1866|19|Silas Pender
"""

LIGHTHOUSES = """
Skerrow Light|Great Skerrow|1818|41|Hugh Cassander
Torray Lighthouse|Torray|1838|33|Ruth Amberley
Lanterne Light|Lanterne|1791|26|Hugh Cassander
Fennay Head Lighthouse|Fennay|1877|48|Silas Pender
Ossay Point Light|Ossay|1898|29|Nora Quayle
"""

BATTLES = """
Battle of Saltmouth|Saltmouth|1703|Adam Thorne|Grey Heron|the Corsair War|harbour
Battle of Torray|Torray|1709|Adam Thorne|Grey Heron|the Corsair War|open sea
Battle of the Narrows|Great Skerrow|1759|Barbara Keel|Morning Tide|the War of the Two Crowns|strait
Battle of Fennay|Fennay|1768|Barbara Keel|Queen Rowena|the War of the Two Crowns|open sea
Battle of Lanterne Bay|Lanterne|1806|Walter Gray|Iron Duchess|the Blockade War|bay
Battle of Yarrowmouth|Yarrowmouth|1812|Walter Gray|Resolve|the Blockade War|harbour
"""

NOVELS = """
The Salt Road|Peter Lund|1821|Brackwater|a salt carrier who looks for her lost brother
The Herring Year|Peter Lund|1834|Ravensey|a family of fishers in a year without fish
A House at Mossford|Isabel Farrow|1852|Mossford|three sisters who inherit a dairy
The Clockmaker's Daughter|Isabel Farrow|1864|Thistlecombe|a girl who mends the clock of the town hall
Winter on the Tane|Daniel Orme|1879|Fallowbridge|a potter who shelters a deserter
The Signalman|Daniel Orme|1893|Tanebridge|a railwayman who keeps a secret for forty years
The Timber Children|Judith Kestle|1904|Stagholm|two orphans who grow up in a logging camp
Letters from Gorsedale|Judith Kestle|1921|Gorsedale|a teacher who writes home from a slate town
"""

OPERAS = """
The Drowned Bell|Josias Merrick|1796|Aldermere|a bell that rings under the water before each storm
Rowena|Helena Voss|1831|Aldermere|the youth of Queen Rowena the Bold
The Glass Orchard|Helena Voss|1847|Vessary|a glassblower who makes an orchard for his blind wife
The Corsair's Oath|Anton Brackley|1866|Saltmouth|a captured corsair who falls in love with a magistrate
The Weavers|Marian Leck|1895|Larkham|a strike in the cloth mills
"""

# Name, kind, length in centimetres, home, food, colour, who described it.
BIRDS = """
Skerrow petrel|seabird|22|Great Skerrow|small fish|black and white|Martin Alder
Candle finch|songbird|13|Northreach|seeds|yellow and grey|Rosalind Tew
Marsh harlequin|duck|46|Lowmarch|snails|red and green|Martin Alder
Moor plover|wader|27|Estermoor|beetles|brown and gold|Rosalind Tew
Ald kingfisher|kingfisher|17|Lowmarch|minnows|blue and orange|Martin Alder
Orchard thrush|songbird|24|Sallowvale|berries|brown and white|Gregory Fenn
Iron Coast raven|crow|61|Westerhold|eggs and carrion|black|Gregory Fenn
"""

PLANTS = """
Sea candle|herb|30|Westerhold|white|May|salve|Martin Alder
Halmark thistle|thistle|90|Estermoor|purple|July|dye|Martin Alder
Willow rose|shrub|180|Sallowvale|pink|June|tea|Rosalind Tew
Snow sedge|sedge|15|Northreach|green|August|thatch|Rosalind Tew
Salt aster|herb|45|Lowmarch|blue|September|salad|Gregory Fenn
Copper moss|moss|3|Westerhold|rust|April|packing|Gregory Fenn
"""

CLUBS = """
Aldermere Athletic|Aldermere|1881|the Shipwrights|blue|Harbour Ground
Ravensey Rovers|Ravensey|1884|the Herrings|silver|Net Field
Larkham United|Larkham|1879|the Weavers|red|Mill Lane
Skarrow Town|Skarrow|1890|the Rams|white|Wool Street
Wexcombe Wanderers|Wexcombe|1887|the Orchards|green|Blossom Park
Tanebridge Wheelers|Tanebridge|1892|the Wheelers|black|Viaduct Road
Saltmouth Mariners|Saltmouth|1883|the Mariners|yellow|Pier Ground
"""

CASTLES = """
Alder Keep|Aldermere|1118|Osric the Tall|Lowmarch
Harrow Castle|Harrowfold|1397|Edwin the Quiet|Estermoor
Ravensey Fort|Ravensey|1533|Rowena the Bold|Westerhold
Matilda's Tower|Wexcombe|1261|Matilda the Builder|Sallowvale
Skarrow Castle|Skarrow|1254|Matilda the Builder|Northreach
Saltmouth Battery|Saltmouth|1691|Conrad the Last|Lowmarch
"""

FESTIVALS = """
Lantern Night|Lanterne|November|paper lanterns on the water|1650
Herring Sunday|Ravensey|March|a procession of boats|1488
Apple Fair|Wexcombe|October|a race with barrels|1302
Wool Week|Skarrow|June|a shearing contest|1561
Festival of Clocks|Thistlecombe|January|a minute of silence at noon|1794
"""

STORMS = """
Great Storm of 1784|1784|November|Saltmouth|Lowmarch|62
Ravensey Flood|1817|February|Ravensey|Westerhold|41
Brannow Flood of 1863|1863|April|Estrey|Northreach|28
Tane Flood of 1891|1891|April|Fallowbridge|Estermoor|17
"""

NEWSPAPERS = """
Aldermere Courier|Aldermere|1771|daily|Josias Merrick
Tanebridge Press|Tanebridge|1845|daily|Daniel Orme
Ravensey Gull|Ravensey|1829|weekly|Peter Lund
Sallowvale Gazette|Wexcombe|1858|weekly|Isabel Farrow
Northern Post|Skarrow|1880|weekly|Judith Kestle
"""
